/** Closes what a test opened, the last first. */
export class Cleanup {
  readonly #open: { close(): Promise<unknown> | void }[] = []

  add<T extends { close(): Promise<unknown> | void }>(one: T): T {
    this.#open.push(one)
    return one
  }

  async run(): Promise<void> {
    for (const one of this.#open.splice(0).toReversed()) await one.close()
  }
}
