import { createLightNode } from '@waku/sdk'

Object.assign(globalThis, { createLightNode })
