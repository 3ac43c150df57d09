import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { wholePrograms, withPointer } from './whole-program.ts'

describe('the whole program at the end of a guide', () => {
  let root: string

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'docs-'))
    mkdirSync(join(root, 'docs/examples'), { recursive: true })
  })

  afterEach(() => rmSync(root, { recursive: true, force: true }))

  const of = (program: string, marker = '<!-- example: ../../examples/a.ts#r -->'): string => {
    writeFileSync(join(root, 'docs/examples/a.ts'), program)
    return wholePrograms(root, 'docs/pages/guides/a.md', `# A\n\n${marker}\n`)
  }

  it('has what it installs, and its text without the marks of regions', () => {
    const text = of(
      `import { z } from 'zod'\nimport { b } from '@a/b/c'\n// #region r\nb(z)\n// #endregion\n`,
    )
    expect(text).toContain('npm install @a/b rxjs zod\nnode a.ts\n')
    expect(text).toContain(`import { b } from '@a/b/c'\nb(z)\n`)
  })

  it('is named before the first piece of it', () => {
    const page = '# A\n\nWords.\n\n<!-- example: ../../examples/a.ts#r -->\n'
    expect(withPointer(page, '\n\n## The whole program\n\n')).toBe(
      '# A\n\nWords.\n\nThe pieces on this page belong together: [the whole program](#the-whole-program) is at its end.\n\n<!-- example: ../../examples/a.ts#r -->\n',
    )
    expect(withPointer(page, '')).toBe(page)
  })

  it('is left out where the page shows it whole, and where the file is no program', () => {
    expect(of('let a\n', '<!-- example: ../../examples/a.ts -->')).toBe('')
    expect(of('export function a() {}\n')).toBe('')
  })
})
