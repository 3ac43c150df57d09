import { createWakuTransport } from '@reliable-channels/transport-waku'
import { createLightNode } from '@waku/sdk'

Object.assign(globalThis, { createLightNode, createWakuTransport })
