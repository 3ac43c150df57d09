/**
 * Takes the place of `tslib` in the page: what RxJS has of it to read promises one after the other, in the words of browsers
 * that can do that themselves.
 */
type Body = (...given: readonly unknown[]) => Generator<unknown, unknown>
type Step = IteratorResult<unknown, unknown>

/** Goes on with what a step has waited for, or with what that has thrown. */
async function after(steps: Generator<unknown, unknown>, waited: unknown): Promise<() => Step> {
  try {
    const value = await waited
    return () => steps.next(value)
  } catch (error) {
    return () => steps.throw(error)
  }
}

export async function __awaiter(self: unknown, given: unknown, _: unknown, body: Body): Promise<unknown> {
  const steps = body.apply(self, (given ?? []) as unknown[])
  let step = steps.next()
  while (step.done !== true) step = (await after(steps, step.value))()
  return step.value
}

class Awaited {
  readonly value: unknown
  constructor(value: unknown) {
    this.value = value
  }
}

export const __await = (value: unknown): Awaited => new Awaited(value)

export async function* __asyncGenerator(
  self: unknown,
  given: unknown,
  body: Body,
): AsyncGenerator<unknown, unknown, unknown> {
  const steps = body.apply(self, (given ?? []) as unknown[])
  try {
    let step = steps.next()
    while (step.done !== true)
      step =
        step.value instanceof Awaited
          ? (await after(steps, step.value.value))()
          : steps.next(yield step.value)
    return step.value
  } finally {
    steps.return(undefined)
  }
}

export const __asyncValues = <T>(values: AsyncIterable<T>): AsyncIterator<T> => values[Symbol.asyncIterator]()
