import { createChecks } from '@reliable-channels/options'
import type { Codec } from './codec.ts'
import { type InputOf, type OutputOf, type StandardSchema, validated } from './standard-schema.ts'

const check = createChecks((message) => new TypeError(message))

/**
 * Values as JSON in UTF-8, checked by a schema both when they are sent and when they come: members may run another
 * version, or be hostile.
 *
 * A schema that transforms is sent what it takes, and what it makes of that comes out at the other end.
 *
 * @param schema of any library that keeps the Standard Schema contract: Zod, Valibot, ArkType …; synchronous
 * @throws InvalidValueError from `encode`, for a value that the schema refuses or JSON has no form for
 * @example
 * ```ts
 * const chat = typed(channel, jsonCodec(z.object({ text: z.string() })))
 * ```
 */
export function jsonCodec<S extends StandardSchema>(schema: S): Codec<InputOf<S>, OutputOf<S>> {
  const standard = (schema as StandardSchema | undefined)?.['~standard'] as { validate?: unknown } | undefined
  check.that(typeof standard?.validate === 'function', 'schema', 'a Standard Schema, as of Zod', schema)
  return {
    encode(value) {
      validated(schema, value)
      // Not everything has a form: `undefined`, or a function.
      const text = JSON.stringify(value) as string | undefined
      check.that(text !== undefined, 'value', 'what JSON has a form for', value)
      return new TextEncoder().encode(text)
    },
    decode(bytes) {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
      return validated(schema, JSON.parse(text)) as OutputOf<S>
    },
  }
}
