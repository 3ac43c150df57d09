/** Longest text shown, characters. */
const MOST = 60

/** A value in a few words, for the end of a sentence. */
export function shown(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(cut(value))
    case 'function':
      return 'a function'
    case 'object':
      return value === null ? 'null' : shownObject(value)
    case 'bigint':
      return cut(`${value}n`)
    default:
      return cut(String(value))
  }
}

/** The kind and the length of a value that may be secret, for the end of a sentence. */
export function shownKind(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return `a string of ${value.length} characters`
    case 'number':
    case 'bigint':
    case 'symbol':
      return `a ${typeof value}`
    default:
      return shown(value)
  }
}

const cut = (text: string): string => (text.length > MOST ? `${text.slice(0, MOST)}…` : text)

function shownObject(value: object): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array'
  const name: unknown = value.constructor?.name
  return typeof name === 'string' && name !== '' && name !== 'Object' ? name : 'an object'
}
