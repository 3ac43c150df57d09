/** `pnpm kill-test`: a process with a store on disk is killed again and again, and nothing may be lost, doubled or out of order. */
import { parseArgs } from 'node:util'
import { joinNegativeValues } from '@reliable-channels/options'
import { faultNames } from './faults.ts'
import { killTest } from './kill-test.ts'

const HELP = `Kills a process with channels and a store on disk, again and again, and checks that nothing is lost, doubled or out of
order, and that each request ends in one way, which is told. A round lives in virtual time; its seed decides where it dies.

  npx pnpm@12 kill-test [options]

  --rounds N     rounds (default 200)
  --seed N       seed of the first (default: of the clock)
  --fault NAME   with a store that is broken on purpose: ${faultNames.join(', ')}
  --json         one JSON document instead of lines
  --help         print this

Exit code: 0 when all was well, 1 with the violations found, 2 for a mistake on the command line.`

function usage(problem: string): never {
  console.error(`${problem}: see --help`)
  process.exit(2)
}

function options(): { rounds: number; seed: number; fault: string | undefined; json: boolean } {
  const string = { type: 'string' } as const
  const boolean = { type: 'boolean' } as const
  try {
    const { values } = parseArgs({
      args: joinNegativeValues(process.argv.slice(2)),
      options: { rounds: string, seed: string, fault: string, json: boolean, help: boolean },
    })
    if (values.help === true) {
      console.log(HELP)
      process.exit(0)
    }
    const { rounds = '200', seed = String(Date.now() % 1_000_000), fault, json = false } = values
    return { rounds: Number(rounds), seed: Number(seed), fault, json }
  } catch (error) {
    return usage((error as Error).message.split(/\.\s|\n/)[0]!)
  }
}

const { rounds, seed, fault, json } = options()
if (!Number.isSafeInteger(rounds) || rounds < 1) usage('--rounds expects a whole number from 1')
if (!Number.isSafeInteger(seed) || seed < 0) usage('--seed expects a whole number from 0')
if (fault !== undefined && !faultNames.includes(fault)) usage(`--fault expects ${faultNames.join(', ')}`)
const progress = (done: number): void =>
  void process.stderr.write(done % 10 === 0 ? `${done} of ${rounds} rounds\n` : '')
const result = await killTest({
  rounds,
  seed,
  fault,
  onRound: json ? undefined : progress,
})
if (json) {
  console.log(JSON.stringify(result, null, 2))
} else {
  const { accepted, received, redelivered, ends, endsAgain, cancelled, violations } = result
  for (const violation of violations) console.log(violation)
  if (violations.length > 0) {
    const broken = fault === undefined ? '' : ` --fault ${fault}`
    console.log(`again: npx pnpm@12 kill-test --rounds ${rounds} --seed ${seed}${broken}`)
  }
  console.log(
    `seed ${seed}: ${result.rounds} rounds, ${accepted} messages accepted, ${cancelled} taken back, ${received} received, ${redelivered} of them again and flagged; ${ends} ends of requests told, ${endsAgain} of them again and flagged; ${violations.length} violations`,
  )
}
process.exitCode = result.violations.length > 0 ? 1 : 0
