import { createRoot } from 'react-dom/client'
import { fromAddress } from './address.ts'
import { openSession } from './session.ts'
import './tokens.css'
import './page.css'
import { App } from './views/app.tsx'

const { preset, settings } = fromAddress(location.search)
const session = await openSession(preset, settings)
createRoot(document.querySelector('#root')!).render(<App first={session} />)
