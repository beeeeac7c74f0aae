import { shortHash } from '../short-hash.ts';
import type { Code } from './records.ts';

/** Version and hash; of an older schema's code, which is known by its version, that alone. */
export function codeText({ hash, version }: Code): string {
  return hash === version ? version : `${version} ${shortHash(hash)}`;
}
