/** The result of one case of a vector file. */
export interface CaseResult {
  /** Where in the file, e.g. `bloom[3]`. */
  readonly name: string
  /** Says what was expected and what came; absent if the case passed. */
  readonly failure?: string
  /** Why it could not be checked; then it counts neither as passed nor as failed. */
  readonly unchecked?: string
  /** Nothing here corresponds to it, which is as it should be. */
  readonly onPurpose?: boolean
}

/** Checks the vector files of one kind. To add one, add it to `registry.ts`. */
export interface Checker {
  readonly name: string
  /** Whether a file is of this kind, by its content. */
  recognises(document: unknown): boolean
  /**
   * The result of every case. Values that it does not look at are reported.
   * May throw if the file is not what it seemed to be.
   */
  check(document: unknown): Iterable<CaseResult>
  /** Places that are not checked on purpose, and why: where nothing here corresponds to them. */
  readonly apart?: Readonly<Record<string, string>>
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

/** As JSON, keys in order: files may have them in any. */
const text = (value: unknown): string => JSON.stringify(value, ordered) ?? 'undefined'

function ordered(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Whether a file gives something to compare with. */
export const given = <T>(value: T | null | undefined): value is T => value !== undefined && value !== null

const shorten = (value: string): string =>
  value.length <= 200 ? value : `${value.slice(0, 120)}… (${value.length} characters) …${value.slice(-60)}`
