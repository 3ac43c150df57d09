/** `pnpm kill-test`: a process with a store on disk is killed again and again, and nothing may be lost, doubled or out of order. */
import { parseArgs } from 'node:util'
import { killTest } from './kill-test.ts'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    fault: { type: 'string' },
    json: { type: 'boolean', default: false },
  },
})
const rounds = Number(values.rounds)
const seed = Number(values.seed)
if (!Number.isSafeInteger(rounds) || rounds < 1 || !Number.isSafeInteger(seed) || seed < 0) {
  console.error(
    `usage: kill-test [--rounds N] [--seed S] [--json]; got --rounds ${values.rounds} --seed ${values.seed}`,
  )
  process.exit(2)
}
const progress = (done: number): void =>
  void process.stderr.write(done % 10 === 0 ? `${done} of ${rounds} rounds\n` : '')
const result = await killTest({
  rounds,
  seed,
  fault: values.fault,
  onRound: values.json ? undefined : progress,
})
if (values.json) {
  console.log(JSON.stringify(result, null, 2))
} else {
  const { accepted, received, redelivered, violations } = result
  for (const violation of violations) console.log(violation)
  console.log(
    `seed ${seed}: ${result.rounds} rounds, ${accepted} messages accepted, ${received} received, ${redelivered} of them again and flagged; ${violations.length} violations`,
  )
}
process.exitCode = result.violations.length > 0 ? 1 : 0
