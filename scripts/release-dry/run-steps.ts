/** One thing that the release does. */
export interface Step<State> {
  readonly name: string
  /** Does it. Returns one line on what came out. */
  run(state: State, say: (line: string) => void): Promise<string>
}

/**
 * Runs steps one after the other, and stops at the first that fails, since each stands on those before it.
 *
 * @returns Whether all passed.
 */
export async function runSteps<State>(
  steps: readonly Step<State>[],
  state: State,
  say: (line: string) => void,
): Promise<boolean> {
  for (const [index, step] of steps.entries()) {
    const title = `${String(index + 1).padStart(2)}/${steps.length} ${step.name}`
    const start = performance.now()
    const seconds = (): string => `${((performance.now() - start) / 1000).toFixed(1)} s`
    say(`${title} …`)
    try {
      const outcome = await step.run(state, (line) => say(`      ${line}`))
      say(`      ${outcome} (${seconds()})`)
    } catch (error) {
      say(`FAILED ${step.name} after ${seconds()}:`)
      say(error instanceof Error ? error.message : String(error))
      return false
    }
  }
  return true
}

/** Works through `items`, so many at once, and returns the results in their order. */
export async function pooled<T, R>(
  items: readonly T[],
  atOnce: number,
  work: (item: T) => Promise<R>,
): Promise<R[]> {
  const results: R[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]!)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  return results
}
