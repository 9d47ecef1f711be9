// The script of Haven's pages. Every page works without it. It avoids reloads, keeps typed text and hides the screen.
import {
  createAll, Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, Radios, SkipLink,
} from "govuk-frontend";
import { choosing } from "./choose.js";
import { cover } from "./cover.js";
import { drafts } from "./drafts.js";
import { grids } from "./grid.js";
import { idle } from "./idle.js";
import { keys } from "./keys.js";
import { restoreDraft } from "./unsent_draft.js";
import { refresh } from "./refresh.js";
import { forms } from "./forms.js";

document.body.classList.add("js-enabled");
if ("noModule" in HTMLScriptElement.prototype) {
  document.body.classList.add("govuk-frontend-supported");
}

function dress(scope) {
  for (const Component of [Button, CharacterCount, Checkboxes, ErrorSummary, NotificationBanner, Radios]) {
    createAll(Component, undefined, { scope, onError: () => {} });
  }
  grids(scope);
  choosing(scope);
}

createAll(SkipLink, undefined, { onError: () => {} });
dress(document);
const screen = cover();
const formDrafts = drafts();
idle({ screen, saveDrafts: formDrafts.saveAll });
keys({ screen });
forms();
refresh({ dress });
restoreDraft();
