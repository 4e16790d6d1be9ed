/* What the screen says, by language; {name}, {time} and {error} stand for what is put in. */

(function (tv) {
  "use strict";

  var WORDS = {
    en: {
      heading: "Sign in with your phone",
      scan: "Scan the QR code, or open",
      open: "On your phone or computer, open",
      code: "and enter this code",
      waiting: "Waiting for your approval. {time} left",
      silent: "No answer from the server. Trying again …",
      entry: ["Enter the number", "Your phone is showing it."],
      erase: "Delete",
      left: "{time} left",
      checking: ["Checking …", ""],
      checking_silent: ["Checking …", "No answer from the server. Trying again …"],
      welcome: ["Sign in", "All you need is your phone or computer.", "Sign in"],
      starting: ["One moment …", ""],
      starting_silent: ["One moment …", "No answer yet. Is this TV connected to the network?"],
      signed_in: ["Signed in", "You can put your phone away.", "Sign out"],
      signed_in_as: "Signed in as {name}",
      denied: ["Sign-in was denied", "Nobody was signed in on this TV.", "Try again"],
      denied_number: ["Sign-in was denied", "The number was wrong, or it was denied on the phone.", "Try again"],
      expired: ["The code has expired", "Get a new one when your phone is at hand.", "New code"],
      failed: ["Signing in is not possible", "The server answered: {error}", "Try again"],
      unreachable: ["No answer from the server", "Check this TV's network, then try again.", "Try again"]
    },
    de: {
      heading: "Mit dem Handy anmelden",
      scan: "QR-Code scannen oder öffnen:",
      open: "Auf Handy oder Computer öffnen:",
      code: "und diesen Code eingeben",
      waiting: "Warte auf Ihre Zustimmung. Noch {time}",
      silent: "Keine Antwort vom Server. Neuer Versuch läuft …",
      entry: ["Zahl eingeben", "Ihr Handy zeigt sie an."],
      erase: "Löschen",
      left: "Noch {time}",
      checking: ["Wird geprüft …", ""],
      checking_silent: ["Wird geprüft …", "Keine Antwort vom Server. Neuer Versuch läuft …"],
      welcome: ["Anmelden", "Sie brauchen nur Ihr Handy oder Ihren Computer.", "Anmelden"],
      starting: ["Einen Moment …", ""],
      starting_silent: ["Einen Moment …", "Noch keine Antwort. Ist der Fernseher mit dem Netzwerk verbunden?"],
      signed_in: ["Angemeldet", "Sie können Ihr Handy weglegen.", "Abmelden"],
      signed_in_as: "Angemeldet als {name}",
      denied: ["Anmeldung abgelehnt", "An diesem Fernseher ist niemand angemeldet.", "Noch einmal"],
      denied_number: ["Anmeldung abgelehnt", "Die Zahl war falsch, oder am Handy wurde abgelehnt.", "Noch einmal"],
      expired: ["Der Code ist abgelaufen", "Holen Sie einen neuen, wenn Ihr Handy bereitliegt.", "Neuer Code"],
      failed: ["Anmelden ist nicht möglich", "Antwort des Servers: {error}", "Noch einmal"],
      unreachable: ["Keine Antwort vom Server", "Prüfen Sie das Netzwerk des Fernsehers.", "Noch einmal"]
    },
    es: {
      heading: "Inicia sesión con tu móvil",
      scan: "Escanea el código QR o abre",
      open: "En tu móvil u ordenador, abre",
      code: "e introduce este código",
      waiting: "Esperando tu aprobación. Quedan {time}",
      silent: "El servidor no responde. Reintentando …",
      entry: ["Introduce el número", "Lo muestra tu móvil."],
      erase: "Borrar",
      left: "Quedan {time}",
      checking: ["Comprobando …", ""],
      checking_silent: ["Comprobando …", "El servidor no responde. Reintentando …"],
      welcome: ["Iniciar sesión", "Solo necesitas tu móvil o tu ordenador.", "Iniciar sesión"],
      starting: ["Un momento …", ""],
      starting_silent: ["Un momento …", "Aún no hay respuesta. ¿Está el televisor conectado a la red?"],
      signed_in: ["Sesión iniciada", "Ya puedes dejar el móvil.", "Cerrar sesión"],
      signed_in_as: "Sesión iniciada como {name}",
      denied: ["Acceso denegado", "Nadie ha iniciado sesión en este televisor.", "Reintentar"],
      denied_number: ["Acceso denegado", "El número no era correcto o se rechazó en el móvil.", "Reintentar"],
      expired: ["El código ha caducado", "Pide otro cuando tengas el móvil a mano.", "Código nuevo"],
      failed: ["No se puede iniciar sesión", "Respuesta del servidor: {error}", "Reintentar"],
      unreachable: ["El servidor no responde", "Revisa la red del televisor y reinténtalo.", "Reintentar"]
    },
    fr: {
      heading: "Se connecter par téléphone",
      scan: "Scannez le code QR ou ouvrez",
      open: "Sur un téléphone ou un ordinateur, ouvrez",
      code: "et saisissez ce code",
      waiting: "En attente de votre accord. Encore {time}",
      silent: "Le serveur ne répond pas. Nouvel essai …",
      entry: ["Saisissez le numéro", "Votre téléphone l’affiche."],
      erase: "Effacer",
      left: "Encore {time}",
      checking: ["Vérification …", ""],
      checking_silent: ["Vérification …", "Le serveur ne répond pas. Nouvel essai …"],
      welcome: ["Se connecter", "Il suffit d’un téléphone ou d’un ordinateur.", "Se connecter"],
      starting: ["Un instant …", ""],
      starting_silent: ["Un instant …", "Pas encore de réponse. Le téléviseur est-il relié au réseau ?"],
      signed_in: ["Connecté", "Vous pouvez ranger votre téléphone.", "Se déconnecter"],
      signed_in_as: "Connecté : {name}",
      denied: ["Connexion refusée", "Personne n’est connecté sur ce téléviseur.", "Réessayer"],
      denied_number: ["Connexion refusée", "Numéro erroné, ou refus sur le téléphone.", "Réessayer"],
      expired: ["Le code a expiré", "Demandez-en un autre, téléphone en main.", "Nouveau code"],
      failed: ["Connexion impossible", "Réponse du serveur : {error}", "Réessayer"],
      unreachable: ["Le serveur ne répond pas", "Vérifiez le réseau du téléviseur.", "Réessayer"]
    },
    ja: {
      heading: "スマホでログイン",
      scan: "QRコードを読み取るか、次を開きます",
      open: "スマートフォンかパソコンで次を開きます",
      code: "次のコードを入力してください",
      waiting: "承認を待っています。残り {time}",
      silent: "サーバーから応答がありません。再試行しています…",
      entry: ["番号を入力", "スマートフォンに表示されています。"],
      erase: "削除",
      left: "残り {time}",
      checking: ["確認しています…", ""],
      checking_silent: ["確認しています…", "サーバーから応答がありません。再試行しています…"],
      welcome: ["ログイン", "スマートフォンかパソコンをご用意ください。", "ログイン"],
      starting: ["お待ちください…", ""],
      starting_silent: ["お待ちください…", "まだ応答がありません。テレビはネットワークに接続されていますか？"],
      signed_in: ["ログインしました", "スマートフォンの操作は完了です。", "ログアウト"],
      signed_in_as: "{name} さんでログイン中",
      denied: ["ログインは拒否されました", "このテレビではログインしていません。", "やり直す"],
      denied_number: ["ログインは拒否されました", "番号が違うか、スマートフォンで拒否されました。", "やり直す"],
      expired: ["コードの期限が切れました", "準備ができたら新しいコードを取得してください。", "新しいコード"],
      failed: ["ログインできません", "サーバーの応答：{error}", "やり直す"],
      unreachable: ["サーバーから応答がありません", "テレビのネットワークを確認してください。", "やり直す"]
    }
  };

  /* The language of a query such as ?lang=de, else of the TV, else English. */
  tv.language = function (query, preferred) {
    var asked = /[?&]lang=([^&]*)/.exec(query);
    var short = (asked ? asked[1] : preferred || "").slice(0, 2).toLowerCase();
    return WORDS.hasOwnProperty(short) ? short : "en";
  };

  tv.words = function (language) {
    return WORDS[language];
  };

  /* A sentence with a value put in its place. */
  tv.filled = function (sentence, name, value) {
    return sentence.split("{" + name + "}").join(value);
  };
})(PairlightTV);
