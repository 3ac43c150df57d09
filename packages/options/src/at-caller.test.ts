import { expect, it, vi } from 'vitest'
import { atCaller } from './at-caller.ts'

class BadError extends Error {
  override readonly name = 'BadError'
}

function deep(): never {
  throw new BadError('bad')
}

function called(): never {
  return atCaller(called, deep)
}

function caller(): Error {
  try {
    return called()
  } catch (error) {
    return error as Error
  }
}

it('has the stack of what is thrown start at the caller', () => {
  // N11
  const [first, second] = caller().stack!.split('\n')
  expect(first).toMatch(/bad$/)
  expect(second).toContain('at caller')
})

it('leaves the stack as it is where the platform has no way to change it', () => {
  vi.stubGlobal(
    'Error',
    Object.assign(function () {}, { prototype: Error.prototype }),
  )
  const stack = caller().stack
  vi.unstubAllGlobals()
  expect(stack).toContain('deep')
  expect(atCaller(called, () => 5)).toBe(5)
})
