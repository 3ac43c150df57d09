/** Whether a value is a `Uint8Array`, also one of another realm: a frame, a worker, a test environment. */
export function isBytes(value: unknown): value is Uint8Array {
  // `instanceof` knows the arrays of its own realm only; the tag is the array's own, and cannot be made up.
  return value instanceof Uint8Array || tagOf(value) === 'Uint8Array'
}

/** How what was given instead of bytes becomes bytes. */
export function bytesHint(value: unknown): string {
  if (typeof value === 'string') return ': use new TextEncoder().encode(text)'
  if (ArrayBuffer.isView(value)) {
    return ': use new Uint8Array(view.buffer, view.byteOffset, view.byteLength)'
  }
  if (value instanceof ArrayBuffer) return ': use new Uint8Array(buffer)'
  return Array.isArray(value) ? ': use Uint8Array.from(numbers)' : ''
}

const typedArray = Object.getPrototypeOf(Uint8Array.prototype) as object
const tag = Object.getOwnPropertyDescriptor(typedArray, Symbol.toStringTag)!.get!

const tagOf = (value: unknown): unknown => tag.call(value)
