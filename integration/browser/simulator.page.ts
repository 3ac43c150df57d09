/** What the test of the simulator in Chromium calls in the page. */
import { simulatedNetwork, virtualTime } from '@reliable-channels/simulator'
import { transportConformance } from '@reliable-channels/transport/testing'
import { type TestResult, createRunner } from './run-suite.ts'

const page = {
  conformance(): Promise<TestResult[]> {
    const { test, equal, run } = createRunner()
    transportConformance({
      test,
      equal,
      create: async () => {
        const time = virtualTime()
        const network = simulatedNetwork({ seed: 3, reorder: 0.5, duplicate: 0.5, scheduler: time })
        const peer = network.peer('a')
        return {
          a: peer,
          b: network.peer('b'),
          settle: async () => void (await time.run()),
          disconnect: async () => peer.disconnect(),
          reconnect: async () => peer.connect(),
          close: async () => network.close(),
        }
      },
    })
    return run()
  },
}

/** The functions of the page, as the tests see them. */
export type SimulatorPage = typeof page

Object.assign(globalThis, { simulatorPage: page })
