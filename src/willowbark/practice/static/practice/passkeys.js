/* Passkeys: a form with data-passkey="get" or "create" asks the server (data-asks), then the device, then goes on. */
const { webauthnJSON } = globalThis;

async function answer(form) {
  const asked = await fetch(form.dataset.asks, { headers: { Accept: "application/json" }, cache: "no-store" });
  if (!asked.ok || asked.redirected) throw new Error("The server did not ask for a passkey. Load the page again.");
  const options = await asked.json();
  return form.dataset.passkey === "create" ? webauthnJSON.create(options) : webauthnJSON.get(options);
}

function saying(error) {
  if (error.name === "InvalidStateError") return "This device has a passkey for this account already.";
  if (error.name === "NotAllowedError") return "No passkey was given. Try again, or use another way.";
  if (error.name === "SecurityError") return "Passkeys work at a name with https, or at localhost; not at this address.";
  return error.message;
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const said = form.querySelector("[data-passkey-error]");
  if (!webauthnJSON?.supported()) form.hidden = true;
  form.addEventListener("submit", async (event) => {
    const field = form.querySelector('[name$="passkey"]');
    if (field.value) return;
    event.preventDefault();
    said.hidden = true;
    try {
      field.value = JSON.stringify(await answer(form));
      form.submit();
    } catch (error) {
      said.textContent = saying(error);
      said.hidden = false;
    }
  });
}
