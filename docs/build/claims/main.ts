import { spawnSync } from 'node:child_process'
import { PROJECT_ROOT } from '../../../scripts/project.ts'
import { checkClaims } from './pages.ts'

/** Checks the ledgers; `--write PAGE…`, as in `--write guides/chat`, first adds what the ledgers of these pages lack. */
function main(): void {
  const [flag, ...written] = process.argv.slice(2)
  const { problems, count } = checkClaims(PROJECT_ROOT, (page) => written.includes(page))
  if (flag === '--write') spawnSync('oxfmt', ['docs/claims'], { cwd: PROJECT_ROOT })
  for (const problem of problems) console.log(problem)
  console.log(`${count} sentences of pages, ${problems.length} problems`)
  if (problems.length > 0) process.exitCode = 1
}

main()
