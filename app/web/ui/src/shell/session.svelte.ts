/** Who looks at the page, and whether they are still known. */
import { asProblem, get, whenSignedOut, type Problem, type Values } from '../api/client';

class Session {
  caller = $state.raw<Values['CallerPage'] | null>(null);
  problem = $state.raw<Problem | null>(null);
  isSignedOut = $state(false);
  /** Whether people sign in with a browser here. */
  canSignIn = $state(false);
  /** Whether a model writes SQL for what no metric covers. */
  hasModel = $state(true);

  /** Whether there is a session to end. */
  get canSignOut(): boolean {
    return this.caller?.has_session ?? false;
  }

  constructor() {
    whenSignedOut(() => (this.isSignedOut = true));
  }

  async load(): Promise<void> {
    try {
      const found = await get<Values['SessionPage']>('auth/session');
      [this.caller, this.canSignIn, this.hasModel] = [found.caller ?? null, found.can_sign_in, found.has_model];
      this.isSignedOut = !this.caller;
      this.problem = null;
    } catch (fault) {
      this.problem = asProblem(fault);
    }
  }
}

export const session = new Session();
