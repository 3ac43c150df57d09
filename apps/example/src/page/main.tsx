import { createRoot } from 'react-dom/client'
import { fromAddress } from './address.ts'
import { isKept } from './keep/mark.ts'
import { type Session, openSession } from './session.ts'
import './tokens.css'
import './page.css'
import { App } from './views/app.tsx'

async function firstSession(): Promise<Session> {
  if (!isKept()) return openSession(fromAddress(location.search))
  const { recallSession } = await import('./keep/recall-session.ts')
  return recallSession(location.search)
}

// Not awaited here: what is loaded meanwhile imports from this script, and would wait for its end.
void firstSession().then((session) =>
  createRoot(document.querySelector('#root')!).render(<App first={session} />),
)
