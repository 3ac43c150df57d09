import { conformance } from './run.ts'

const { lines, exitCode } = conformance(process.argv.slice(2))
for (const line of lines) console.log(line)
process.exitCode = exitCode
