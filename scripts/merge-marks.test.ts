import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { PROJECT_ROOT, sourceFiles } from './project.ts'

/** A mark that a merge leaves, also as the formatter writes it, which takes the second one for a quote. */
const MARK = /^ *(?:<{7} |(?:> ?){7} )\S/m

it('no page has marks that a merge has left', () => {
  expect(MARK.test(`text\n${'<'.repeat(7)} HEAD\n`)).toBe(true)
  expect(MARK.test(`text\n${'> '.repeat(7)}7d302ff (Receipts)\n`)).toBe(true)
  const pages = [...sourceFiles(PROJECT_ROOT, '**/*.md'), ...sourceFiles(PROJECT_ROOT, '.changeset/*.md')]
  expect(pages.length).toBeGreaterThan(30)
  expect(pages.filter((page) => MARK.test(readFileSync(join(PROJECT_ROOT, page), 'utf8')))).toEqual([])
})
