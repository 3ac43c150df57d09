/** The decoded value, or `false` if it is refused. */
export function orFalse<T>(decode: () => T): T | false {
  try {
    return decode()
  } catch {
    return false
  }
}
