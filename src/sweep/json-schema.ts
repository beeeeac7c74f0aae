import { z } from 'zod';
import { sweepDefinitionSchema } from './definition-schema.ts';

/**
 * The text of the JSON Schema of a definition, for editors. Draft 7, which the YAML and JSON language servers know best.
 * What JSON Schema cannot say (that a `range` ends, that the values a form makes are allowed) is checked on reading.
 */
export function sweepDefinitionJsonSchema(): string {
  const schema = z.toJSONSchema(sweepDefinitionSchema, {
    target: 'draft-7',
    io: 'input',
    override: ({ jsonSchema }) => {
      // zod bounds every whole number by the safe integers, which tells a reader nothing.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return `${JSON.stringify(schema, null, 2)}\n`;
}
