import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { PROJECT_ROOT } from '../project.ts'

/** One thing that the linter found. */
export interface Finding {
  readonly filename: string
  readonly message: string
  readonly help?: string
}

/** Runs the project's own linter, set up as for the project, on files given by path, and returns its findings. */
export function lintFiles(files: Readonly<Record<string, string>>): readonly Finding[] {
  const folder = mkdtempSync(join(tmpdir(), 'lint-'))
  try {
    cpSync(join(PROJECT_ROOT, '.oxlintrc.json'), join(folder, '.oxlintrc.json'))
    cpSync(join(PROJECT_ROOT, 'scripts/lint'), join(folder, 'scripts/lint'), { recursive: true })
    for (const [path, source] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true })
      writeFileSync(join(folder, path), `${source}\n`)
    }
    return lint(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function lint(folder: string): readonly Finding[] {
  const oxlint = join(PROJECT_ROOT, 'node_modules/oxlint/bin/oxlint')
  try {
    execFileSync(process.execPath, [oxlint, '--format=json'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return []
  } catch (error) {
    const { stdout } = error as { stdout: string }
    const { diagnostics } = JSON.parse(stdout) as { diagnostics: Finding[] }
    return diagnostics
  }
}
