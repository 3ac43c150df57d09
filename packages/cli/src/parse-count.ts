import { InvalidArgumentError } from 'commander'

/** A parser of whole numbers within a range, for an option. */
export function count(option: string, least: number, greatest: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN
    if (value >= least && value <= greatest) return value
    throw new InvalidArgumentError(`${option} takes an integer from ${least} to ${greatest}.`)
  }
}
