import { isBytes } from '@reliable-channels/options'

/** So deep is looked into what an application or a transport has thrown. @limit What lies deeper becomes text. */
const MOST_DEEP = 8

/**
 * The same for structured clone, where that cannot copy it: without functions, and with an error for whatever is one. What
 * was thrown, and what a transport adds to a message, may be anything.
 */
export function cloneable(value: unknown, depth = 0): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return undefined
  if (typeof value !== 'object' || value === null || isBytes(value)) return value
  if (value instanceof Error) return plainError(value)
  if (depth === MOST_DEEP) return Array.isArray(value) ? 'an array' : 'an object'
  if (Array.isArray(value)) return value.map((each: unknown) => cloneable(each, depth + 1))
  return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, cloneable(each, depth + 1)]))
}

/** Errors keep their name and code; causes, which may be anything, stay behind. */
function plainError({ name, message, code }: Error & { readonly code?: unknown }): object {
  return { name, message, ...(typeof code === 'string' && { code }) }
}
