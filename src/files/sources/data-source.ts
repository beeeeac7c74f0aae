/**
 * Where published data lie: bytes by name. All of them are laid out the same way:
 *
 *   content/SHA256           the bytes of a file, under their hash: once there, it never changes
 *   manifests/HASH.json      a manifest under its hash: never changes either
 *   runs/RUN_ID.json         the manifest that the run has now
 */
export type DataSource = {
  /** How messages name it. */
  readonly name: string;
  /**
   * Bytes from an offset on. A source that cannot begin in the middle begins at 0 and says so.
   *
   * @returns null where there is nothing of that name
   * @throws LinkBroken where it is worth asking again; UserError where it is not
   */
  open(path: string, fromByte: number, signal: AbortSignal): Promise<OpenedBytes | null>;
};

export type OpenedBytes = {
  readonly fromByte: number;
  /** Throws LinkBroken where they end early and it is worth asking again. */
  readonly chunks: AsyncIterable<Uint8Array>;
};

/** What can be written to, too. */
export type DataDestination = DataSource & {
  /** Whether bytes of that name and size are there. */
  has(path: string, file: { readonly size: number; readonly sha256: string }): Promise<boolean>;
  /** Puts a file there, whole or not at all. @throws UserError when it is not what its SHA-256 says, or cannot be written */
  putFile(path: string, from: string, file: { readonly size: number; readonly sha256: string }): Promise<void>;
  putText(path: string, text: string): Promise<void>;
};

export const contentPath = (sha256: string): string => `content/${sha256}`;
export const manifestPath = (hash: string): string => `manifests/${hash}.json`;
export const runPath = (runId: string): string => `runs/${runId}.json`;

/** A connection that broke or a server that was busy: the next attempt may find it whole. */
export class LinkBroken extends Error {
  override readonly name = 'LinkBroken';
}
