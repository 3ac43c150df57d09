interface MaybeNode {
  readonly process?: { getBuiltinModule?(name: string): unknown }
}

/**
 * A module of Node.js, or `undefined` where there is none, as in a browser. It is asked for at run time, so that bundlers
 * for browsers find no import of a module that is not there. Platforms that imitate Node.js lack parts of it.
 *
 * @example
 * ```ts
 * const scrypt = nodeModule<typeof import('node:crypto')>('node:crypto')?.scrypt
 * ```
 */
export function nodeModule<T extends object>(
  name: string,
  scope: object = globalThis,
): Partial<T> | undefined {
  return (scope as MaybeNode).process?.getBuiltinModule?.(name) as Partial<T> | undefined
}
