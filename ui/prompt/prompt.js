// The one page a secret is typed into. It shows what Rust filled in and sends what is typed, once; it imports nothing.
const form = document.querySelector("form");
const secret = document.querySelector("#secret");
const notice = document.querySelector("#notice");
const buttons = form.querySelectorAll("button");
const touching = document.body.dataset.purpose === "touch";

// A body answers the prompt; none says that the person stepped away. Rust closes the window on either.
async function answer(body) {
  for (const button of buttons) button.disabled = true;
  try {
    await window.__TAURI_INTERNALS__.invoke("answer", body, { headers: { "Rootward-Prompt": form.dataset.prompt } });
  } catch (failure) {
    notice.textContent = failure.message ?? String(failure);
  }
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const bytes = new TextEncoder().encode(secret.value);
  secret.value = "";
  await answer(bytes);
  bytes.fill(0);
});
form.addEventListener("reset", () => answer());
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !touching) answer();
});
document.querySelector("#sure input").required = document.body.dataset.sure === "true";
(touching ? document.querySelector(".touch h1") : secret).focus();

// The device gives up by itself; this only counts.
const seconds = document.querySelector("#seconds");
setInterval(() => {
  seconds.textContent = String(Math.max(0, Number(seconds.textContent) - 1));
}, 1000);
