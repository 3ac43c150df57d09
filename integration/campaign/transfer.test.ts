import { expect, it } from 'vitest'
import { plots, runTransfer } from './transfer.ts'

// 26 MB by `npx pnpm@12 campaign --transfer all`.
for (const [name, { title }] of Object.entries(plots))
  it(`a large message is whole at everybody in the end, and nothing untrue was told: ${title}`, async () => {
    for (const parityRate of [0, 0.2]) {
      const { violations } = await runTransfer(name, { bytes: 1_500_000, parityRate })
      expect(violations, `--transfer ${name} --bytes 1500000 --parity ${parityRate}`).toEqual([])
    }
  })
