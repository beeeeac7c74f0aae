import { isAbsolute, resolve } from 'node:path';
import { UserError } from '../../user-error.ts';

/** What a person has written for a place of data. */
export type Location =
  | { readonly kind: 'folder'; readonly shown: string; readonly path: string }
  | { readonly kind: 'web'; readonly shown: string; readonly url: URL }
  | { readonly kind: 's3'; readonly shown: string; readonly bucket: string; readonly prefix: string };

/** A place, and which of its manifests is meant where the text names one. */
export type NamedData = {
  readonly location: Location;
  readonly manifest:
    | { readonly by: 'hash'; readonly hash: string }
    | { readonly by: 'run'; readonly runId: string }
    | null;
};

/**
 * Understands `FOLDER`, `https://…` and `s3://BUCKET/PREFIX`, each also with `/manifests/HASH.json` or `/runs/ID.json`.
 *
 * @throws UserError for what carries a password or a query, and for plain http beyond this machine
 */
export function locate(text: string): NamedData {
  const found = /^(.*?)\/+(?:manifests\/([0-9a-f]{64})|runs\/([A-Za-z0-9_][\w.-]*))\.json$/.exec(text);
  const base = found?.[1] ?? text;
  const hash = found?.[2];
  const runId = found?.[3];
  const location = locationOf(base);
  if (hash !== undefined) return { location, manifest: { by: 'hash', hash } };
  return { location, manifest: runId === undefined ? null : { by: 'run', runId } };
}

function locationOf(text: string): Location {
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(text)?.[1]?.toLowerCase();
  if (scheme === undefined) {
    if (text === '') throw new UserError('data: expected a folder, https://… or s3://BUCKET/PREFIX, got nothing');
    return { kind: 'folder', shown: text, path: isAbsolute(text) ? text : resolve(text) };
  }
  const url = urlOf(text);
  // What is wrong is said without the text: it may hold a password.
  if (url.username !== '' || url.password !== '') {
    throw new UserError(
      `data: a URL with a user or password is refused, since others see it in lists of processes and logs. ` +
        `Leave it out of ${scheme}://…@${url.host}; for s3 set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`,
    );
  }
  if (url.search !== '' || url.hash !== '') {
    throw new UserError(
      `data: expected a URL without "?" and "#", got one behind ${scheme}://${url.host}${url.pathname}`,
    );
  }
  const shown = `${scheme}://${url.host}${url.pathname.replace(/\/+$/, '')}`;
  if (scheme === 's3')
    return { kind: 's3', shown, bucket: bucketOf(url, shown), prefix: url.pathname.replace(/^\/+|\/+$/g, '') };
  if (scheme === 'https' || (scheme === 'http' && isLoopback(url.hostname)))
    return { kind: 'web', shown, url: new URL(shown) };
  const rule =
    scheme === 'http'
      ? 'plain http is taken from this machine alone; use https://'
      : 'expected a folder, https:// or s3://';
  throw new UserError(`data ${shown}: ${rule}`);
}

function urlOf(text: string): URL {
  try {
    return new URL(text);
  } catch (error) {
    throw new UserError('data: expected a folder, https://HOST/PATH or s3://BUCKET/PREFIX, got a URL that is none', {
      cause: error,
    });
  }
}

/** As Amazon names them: https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
function bucketOf({ hostname }: URL, shown: string): string {
  if (/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(hostname)) return hostname;
  throw new UserError(
    `data ${shown}: expected s3://BUCKET/PREFIX with a bucket of 3 to 63 lower-case letters, digits, "." and "-"`,
  );
}

/** Whether a host is this machine by its very name, whatever name servers say. */
export function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
