#!/usr/bin/env node
import { runDevnet } from './cli.ts'

const ended = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort())

const { stdin, stdout, stderr } = process
process.exitCode = await runDevnet(process.argv.slice(2), { stdin, stdout, stderr, signal: ended.signal })
