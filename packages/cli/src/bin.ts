#!/usr/bin/env node
// What is there counts, not the version. What is loaded below would say it with an error of its own.
if (typeof (Promise as { readonly withResolvers?: unknown }).withResolvers === 'function')
  await import('./main.ts')
else {
  process.stderr.write(`rc: Node.js 22.12 or newer is needed, and this is Node.js ${process.versions.node}\n`)
  process.exitCode = 1
}
