// Writes the JSON Schema of a sweep definition beside the definitions, where their first line points editors to it.
import { writeFileSync } from 'node:fs';
import { sweepDefinitionJsonSchema } from '../src/sweep/json-schema.ts';

writeFileSync(new URL('../sweeps/sweep-definition.schema.json', import.meta.url), sweepDefinitionJsonSchema());
