import { meantBy } from './misspelt.ts'
import { bytesHint, isBytes } from './bytes.ts'
import { shownKind, shown } from './shown.ts'

/**
 * Throws unless a value is what it should be. `name` is that of the option or argument, as its owner writes it. An option
 * that may be left out is checked with its default filled in.
 */
export interface Checks {
  /** Any rule of one's own. */
  that(isRight: boolean, name: string, expected: string, value: unknown): void
  /** As {@link Checks.that}, for what may be secret: tells of what kind and length it is, and never what. */
  secret(isRight: boolean, name: string, expected: string, value: unknown): void
  /** An object of whatever kind: options, or something with methods. */
  object(name: string, value: unknown, expected?: string): void
  /** A whole number that a double holds exactly; `Infinity` where that is the greatest. */
  integer(name: string, value: unknown, least: number, greatest?: number): void
  /** Any number but NaN. */
  number(name: string, value: unknown, least: number, greatest?: number): void
  /** A number greater than `bound`. */
  above(name: string, value: unknown, bound: number): void
  /** A string that is not empty. */
  text(name: string, value: unknown): void
  boolean(name: string, value: unknown): void
  function(name: string, value: unknown): void
  /** A function, or nothing. */
  callback(name: string, value: unknown): void
  oneOf(name: string, value: unknown, choices: readonly string[]): void
  /** An array, or whatever else `for` goes through, but text. */
  iterable(name: string, value: unknown): void
  /** A `Uint8Array`, of whatever realm; a `Buffer` of Node.js is one. Anything else may be secret all the same. */
  bytes(name: string, value: unknown): void
  /**
   * No name that is nearly one of those known: it is misspelt, and would be ignored without a word. Others may be anybody's.
   *
   * @param within The option whose options these are.
   */
  names(options: object, known: readonly string[], within?: string): void
  /** An object with bytes as `payload`, which is what operators move; the bytes alone are none. */
  frame(value: unknown): void
}

/**
 * Makes the checks of a package, which throw its own error.
 *
 * @param errorOf Makes the error of a message such as `"epochMs" expected an integer from 1, got "600"`.
 * @example
 * const check = createChecks((message) => new RateLimitOptionError(message))
 * check.integer('epochMs', epochMs, 1)
 */
export function createChecks(errorOf: (message: string) => Error): Checks {
  const that = (isRight: boolean, name: string, expected: string, value: unknown, hint = ''): void => {
    if (!isRight) throw errorOf(`"${name}" expected ${expected}, got ${shown(value)}${hint}`)
  }
  const secret = (isRight: boolean, name: string, expected: string, value: unknown, hint = ''): void => {
    if (!isRight) throw errorOf(`"${name}" expected ${expected}, got ${shownKind(value)}${hint}`)
  }
  // Checks are made for each message: what says what was expected is only made where it was not.
  const bytes = (name: string, value: unknown): void => {
    if (!isBytes(value)) secret(false, name, 'a Uint8Array', value, bytesHint(value))
  }
  return {
    that,
    secret,
    object: (name, value, expected = 'an object') =>
      that(
        (typeof value === 'object' && value !== null) || typeof value === 'function',
        name,
        expected,
        value,
      ),
    integer(name, value, least, greatest = Number.MAX_SAFE_INTEGER) {
      const isInteger = Number.isSafeInteger(value) || value === Infinity
      if (!isInteger || !isWithin(value, least, greatest))
        that(false, name, `an integer ${range(least, greatest)}`, value)
    },
    number(name, value, least, greatest = Infinity) {
      if (!isWithin(value, least, greatest)) that(false, name, `a number ${range(least, greatest)}`, value)
    },
    above(name, value, bound) {
      const isAbove = typeof value === 'number' && value > bound
      if (!isAbove) that(false, name, `a number above ${bound}`, value)
    },
    text: (name, value) => that(typeof value === 'string' && value !== '', name, 'a non-empty string', value),
    boolean: (name, value) => that(typeof value === 'boolean', name, 'true or false', value),
    function: (name, value) => that(typeof value === 'function', name, 'a function', value),
    callback: (name, value) =>
      that(value === undefined || typeof value === 'function', name, 'a function, or nothing', value),
    oneOf(name, value, choices) {
      if (!choices.includes(value as string))
        that(false, name, listed(choices.map((choice) => `'${choice}'`)), value)
    },
    iterable: (name, value) => that(isIterable(value), name, 'an array, or what else can be iterated', value),
    bytes,
    names(options, known, within) {
      const before = within === undefined ? '' : `${within}.`
      for (const name of Object.keys(options)) {
        const meant = meantBy(name, known)
        if (meant !== undefined)
          throw errorOf(`there is no option "${before}${name}": "${before}${meant}" is meant, perhaps`)
      }
    },
    frame(value) {
      const isFrame = typeof value === 'object' && value !== null && !isBytes(value)
      const hint = isBytes(value) ? ': use map((payload) => ({ payload })) before it' : ''
      secret(isFrame, 'frame', 'an object with "payload"', value, hint)
      bytes('payload', (value as { readonly payload?: unknown }).payload)
    },
  }
}

const isIterable = (value: unknown): boolean =>
  typeof value === 'object' &&
  typeof (value as Partial<Iterable<unknown>> | null)?.[Symbol.iterator] === 'function'

const isWithin = (value: unknown, least: number, greatest: number): boolean =>
  typeof value === 'number' && value >= least && value <= greatest

const range = (least: number, greatest: number): string =>
  greatest < Number.MAX_SAFE_INTEGER ? `from ${least} to ${greatest}` : `from ${least}`

const listed = (choices: readonly string[]): string =>
  choices.length < 2 ? choices.join('') : `${choices.slice(0, -1).join(', ')} or ${choices.at(-1)}`
