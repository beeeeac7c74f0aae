import { fileURLToPath } from 'node:url';

/**
 * Where Node keeps what it has made of the sources (`NODE_COMPILE_CACHE`), for every process that tests start: half of a
 * short one is compiling. What is not of the source that lies there now is not used.
 */
export const COMPILE_CACHE = fileURLToPath(new URL('../../node_modules/.cache/compiled', import.meta.url));
