/** What became of one case of a vector file. */
export interface CaseResult {
  /** Where in the file, e.g. `bloom[3]`. */
  readonly name: string
  /** What was expected and what came; absent if the case passed. */
  readonly failure?: string
}

/** Checks the vector files of one kind. To add one, add it to `registry.ts`. */
export interface Checker {
  readonly name: string
  /** Whether a file is of this kind, by its content. */
  recognises(document: unknown): boolean
  /** The result of every case that the project can check. May throw if the file is not what it seemed to be. */
  check(document: unknown): Iterable<CaseResult>
}

/** Compares by value and says what differs. */
export function compare(name: string, actual: unknown, expected: unknown): CaseResult {
  const [got, wanted] = [text(actual), text(expected)]
  return got === wanted ? { name } : { name, failure: `expected ${shorten(wanted)}, got ${shorten(got)}` }
}

/** Runs one case; an exception is a failure. */
export function attempt(name: string, run: () => CaseResult): CaseResult {
  try {
    return run()
  } catch (error) {
    return { name, failure: error instanceof Error ? `${error.name}: ${error.message}` : String(error) }
  }
}

export const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
export const bytesOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))

const text = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? inner.toString() : inner)) ??
  'undefined'

const shorten = (value: string): string =>
  value.length <= 200 ? value : `${value.slice(0, 120)}… (${value.length} characters) …${value.slice(-60)}`
