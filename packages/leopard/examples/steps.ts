import { encodeParitySteps } from '@reliable-channels/leopard'

// 8 MiB in 128 shards. Between two steps the event loop gets its turn.
const data = Array.from({ length: 128 }, () => new Uint8Array(65_536))
const steps = encodeParitySteps(data, 16, { stepBytes: 2 ** 20 })

let turns = 0
let step = steps.next()
for (; !step.done; step = steps.next()) {
  turns++
  await new Promise((resolve) => setTimeout(resolve))
}
console.log(step.value.length, 'parity shards,', turns > 1 ? 'other work had its turns' : 'in one go')
