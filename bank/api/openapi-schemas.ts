// From the routes' zod schemas to the OpenAPI document, with what zod does not know: money may also be a JSON number, and the body of
// a keyed request may hold the idempotency key.

import { createJsonSchemaTransform } from 'fastify-type-provider-zod';
import { amountSchema } from '../ledger/commands.ts';

type Transform = ReturnType<typeof createJsonSchemaTransform>;
interface BodySchema {
  properties?: Record<string, object>;
  readonly anyOf?: BodySchema[];
  readonly oneOf?: BodySchema[];
}

const KEY = { type: 'string', minLength: 1, maxLength: 255, description: 'Needed here or as the header Idempotency-Key.' };

const toJsonSchema: Transform = createJsonSchemaTransform({
  zodToJsonConfig: {
    override: ({ zodSchema, jsonSchema }) => {
      if ((zodSchema as unknown) !== amountSchema) return;
      delete jsonSchema.type;
      Object.assign(jsonSchema, { type: ['string', 'number'] });
    },
  },
});

export const describeSchemas: Transform = (document) => {
  const { schema, url } = toJsonSchema(document);
  const body = (schema as { body?: BodySchema } | undefined)?.body;
  if (body !== undefined && 'route' in document && document.route.config?.keyed === true) addKey(body);
  return { schema, url };
};

function addKey(body: BodySchema): void {
  for (const each of [...(body.anyOf ?? []), ...(body.oneOf ?? [])]) addKey(each);
  if (body.properties !== undefined) body.properties = { ...body.properties, idempotency_key: KEY };
}
