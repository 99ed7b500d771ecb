/** Words that the demo data is made of. */
export const companyFirst = (
  'Alder Amber Anchor Aspen Atlas Beacon Birch Blue Bright Cedar Cinder Clear Cobalt Copper Coral Crescent Delta Dune ' +
  'Eastern Echo Elm Ember Falcon Fern Foxglove Granite Harbor Hazel Heron Indigo Iron Juniper Kestrel Lantern Larch ' +
  'Linden Maple Marble Meadow Northern'
).split(' ');

export const companySecond = (
  'Analytics Bakery Biotech Books Brewing Cargo Ceramics Consulting Dairy Design Energy Foods Freight Furniture ' +
  'Instruments Labs Logistics Machinery Media Optics Partners Robotics Shipping Textiles Works'
).split(' ');

export const firstNames = (
  'Ada Amara Anders Anika Bao Bela Carlos Chiara Dana Dmitri Eino Elif Emeka Esra Farah Felix Grete Hana Hugo Ines ' +
  'Ivo Jana Jorge Kaya Kofi Lars Leila Lin Mara Mateo Mei Milan Nadia Nils Noor Olga Omar Paula Pedro Priya'
).split(' ');

export const lastNames = (
  'Abara Ahmadi Andersen Aoki Bauer Becker Bianchi Castro Chen Costa Dubois Eriksen Fischer Garcia Haddad Ibrahim ' +
  'Ivanova Jansen Kaur Keller Kimura Lindqvist Lopez Marek Mensah Moreau Nakamura Novak Okafor Olsen Pereira Petrov ' +
  'Popescu Rossi Sato Schmidt Silva Tanaka Virtanen Weber'
).split(' ');
