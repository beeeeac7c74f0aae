/** Writes down what the code's identity is made of: see `src/code-identity.ts`. An installed program has no sources. */
import { readFileSync, writeFileSync } from 'node:fs';
import { codeModules } from '../src/code-identity.ts';

writeFileSync(
  'dist/code-modules.json',
  `${JSON.stringify(
    codeModules((path) => readFileSync(path, 'utf8')),
    null,
    2,
  )}\n`,
);
