import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { movedLinks } from '../include.ts'

export const LIMITS_PAGE = 'understand/limits'

/** Makes the page of limits of LIMITS.md, which is made of the docstrings. */
export function limitsPage(root: string): string {
  const text = readFileSync(join(root, 'LIMITS.md'), 'utf8')
  return movedLinks(text, 'LIMITS.md', `docs/pages/${LIMITS_PAGE}.md`).replace(/^`node scripts[^]*?\n\n/m, '')
}
