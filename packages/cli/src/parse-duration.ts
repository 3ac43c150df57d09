import { InvalidArgumentError } from 'commander'

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** A time such as `90s`, `10m` or `2d`, ms; plain numbers are seconds. */
export function parseDuration(option: string, text: string): number {
  const match = /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)?$/.exec(text)
  if (match === null) throw new InvalidArgumentError(`${option} takes a time such as 90s, 10m, 12h or 2d.`)
  return Math.round(Number(match[1]) * UNITS[match[2] ?? 's']!)
}
