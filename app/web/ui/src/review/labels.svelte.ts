/** The labels that a column can be given. They are asked for once, when a reviewer first wants another one. */
import { asProblem, get, type Problem, type Values } from '../api/client';
import type { Label } from './choice';

class Labels {
  all = $state.raw<Label[]>([]);
  problem = $state.raw<Problem | null>(null);

  async load(): Promise<void> {
    if (this.all.length) return;
    try {
      this.all = (await get<Values['LabelList']>('v1/review-labels')).labels;
      this.problem = null;
    } catch (fault) {
      this.problem = asProblem(fault);
    }
  }
}

export const labels = new Labels();
