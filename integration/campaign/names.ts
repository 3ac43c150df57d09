const NAMES = ['alice', 'bob', 'carol', 'dave', 'eve', 'frank']
/** Those that are hexadecimal digits, and long ones, are kept otherwise. */
const ODD_NAMES = [
  'abba',
  'bobwithalongername',
  'cafedecade',
  'davewhosenameislongerthanallothers',
  'dada',
  'ee',
]
/** Of so many seeds one has members with such names. */
const ODD_SEEDS = 7

/** As many names as there are members; they are but letters, so that a payload can be told from its author. */
export function namesOf(count: number, seed: number): string[] {
  const letter = (n: number): string => String.fromCharCode(97 + n)
  const names = seed % ODD_SEEDS === 0 ? ODD_NAMES : NAMES
  return Array.from(
    { length: count },
    (_, i) => names[i] ?? `peer${letter(Math.floor(i / 26))}${letter(i % 26)}`,
  )
}
