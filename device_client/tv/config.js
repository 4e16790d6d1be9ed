/* What to change when this page moves to another server or application; docs/tv.md says how. */

var PairlightTV = {
  config: {
    issuer: "https://pair.example.com", // the authorization server, exactly as it writes itself
    clientId: "tv", // as the server knows this application
    scope: "profile", // "" asks for all that the client is registered for
    title: "Pairlight", // the application's name, above everything else
    startAtOnce: false, // true: ask for a code as soon as the page opens, not when OK is pressed
    keepTokens: false, // true: stay signed in by localStorage, which this origin's scripts can read
    onSignedIn: null, // function (tokens): called after each sign-in and each renewal
    onBack: null // function (): what Back does when no sign-in is under way
  }
};
