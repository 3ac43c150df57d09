import { InvalidValueError, type ValueIssue } from './codec.ts'

/**
 * A schema of any library that keeps the Standard Schema contract, version 1: Zod, Valibot, ArkType and others.
 * https://standardschema.dev
 */
export interface StandardSchema<In = unknown, Out = In> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => SchemaResult<Out> | Promise<SchemaResult<Out>>
    readonly types?: { readonly input: In; readonly output: Out } | undefined
  }
}

/** The answer of a schema: a value, or what is wrong with it. */
type SchemaResult<Out> =
  | { readonly value: Out; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

interface SchemaIssue {
  readonly message: string
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** The type of values that a schema takes. */
export type InputOf<S extends StandardSchema> = NonNullable<S['~standard']['types']>['input']
/** The type of values that it gives. */
export type OutputOf<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output']

/**
 * The value as the schema gives it.
 *
 * @throws InvalidValueError with what is wrong with it; TypeError for a schema that answers later
 */
export function validated<Out>(schema: StandardSchema<unknown, Out>, value: unknown): Out {
  const result = schema['~standard'].validate(value)
  if (result instanceof Promise)
    throw new TypeError(
      'the schema validates asynchronously, and messages would lose their order: take a synchronous one',
    )
  if (result.issues === undefined) return result.value
  const issues = result.issues.map(issueOf)
  const listed = issues.map(({ message, path }) => (path === '' ? message : `${path}: ${message}`))
  throw new InvalidValueError(listed.join('; '), { issues })
}

function issueOf({ message, path = [] }: SchemaIssue): ValueIssue {
  const keys = path.map((part) => String(typeof part === 'object' ? part.key : part))
  return { message, path: keys.join('.') }
}
