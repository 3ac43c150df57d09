/** Who hears whom, and what they remember of each other. */
export class Partition {
  #groups: ReadonlyMap<string, number> | undefined
  #sinceMs = 0

  /** Splits the network into groups of names; those not named are one group more. */
  split(groups: readonly (readonly string[])[], nowMs: number): void {
    this.#groups = new Map(groups.flatMap((names, group) => names.map((name) => [name, group])))
    this.#sinceMs = nowMs
  }

  heal(): void {
    this.#groups = undefined
  }

  connects(a: string, b: string): boolean {
    return this.#groups === undefined || this.#groups.get(a) === this.#groups.get(b)
  }

  /** Whether `name` finds in the network's memory what `from` sent at a time. */
  remembers(name: string, from: string, atMs: number): boolean {
    return atMs < this.#sinceMs || this.connects(name, from)
  }
}
